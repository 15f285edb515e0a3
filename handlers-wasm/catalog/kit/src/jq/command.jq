
# What the command jq has of its own, instead of what is above.
def inputs: try (range(infinite) | input) catch if . == "No more inputs" then empty else error end;
