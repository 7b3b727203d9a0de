"""The control plane: Azure Resource Manager over HTTPS, one module for each resource provider."""
