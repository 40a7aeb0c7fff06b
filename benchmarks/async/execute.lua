-- What OpenResty's worker thread runs.
return { execute = function(data) return data end }
