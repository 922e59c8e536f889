enum MultiplexingPlaceholder {}
