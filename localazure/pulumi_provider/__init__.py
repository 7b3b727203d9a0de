"""A stand-in for the azure-native provider: translates resource tokens into ARM calls."""
