enum DriveNetworkingPlaceholder {}
