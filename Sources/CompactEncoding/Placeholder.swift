enum CompactEncodingPlaceholder {}
