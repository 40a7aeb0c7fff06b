-- What our own helper modules need of the host, kept from the time before the script could change its globals.
local ffi, call, host, settings = ...

ffi.cdef [[
int sw_isatty(int fd) __asm__("isatty");
int sw_getpid(void) __asm__("getpid");
int sw_kill(int pid, int signal) __asm__("kill");
]]

local STANDARD_INPUT, INTERRUPT, WARNING = 0, 2, 5

return {
  --- Whether a person may answer: workers run at the same time as the lane, so nobody could talk to them.
  is_terminal = function() return settings.role ~= 'worker' and ffi.C.sw_isatty(STANDARD_INPUT) ~= 0 end,
  --- The callback is held by a person: its time does not count.
  attend = function(held) call.attended = held and 1 or 0 end,
  --- Ends the run in an orderly way.
  stop_run = function() ffi.C.sw_kill(ffi.C.sw_getpid(), INTERRUPT) end,
  warn = function(text) host.log(call.vm, WARNING, text, #text) end,
}
