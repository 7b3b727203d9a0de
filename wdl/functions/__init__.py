"""The functions of the language, one module for each group of the reference."""
