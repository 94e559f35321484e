"""Controller layouts for TouchOSC, Max and Pure Data, made from the table of parameters."""
