#!lua flags=allow-oom
-- Takes back that a change is about to be made and appends what became of it. The oldest leave: those too many, and those
-- too old.
-- KEYS log, open  ARGV id or '', the entry as JSON, the most entries, the oldest time in ms, 'settle' if it must be open still
if ARGV[1] ~= '' then
  local wasOpen = redis.call('HDEL', KEYS[2], ARGV[1])
  if wasOpen == 0 and ARGV[5] == 'settle' then return false end
end
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', 'e', ARGV[2])
redis.call('XTRIM', KEYS[1], 'MINID', '~', ARGV[4])
return id
