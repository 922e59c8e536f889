enum SecretStreamPlaceholder {}
