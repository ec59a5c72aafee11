-- Decides whether an event source is still the one that was read; if so writes what it became, and tells it, in one step.
-- KEYS: records, revision, log, figures. ARGV: id, version that was read (0: none), record as JSON ('' removes it), most records,
-- head of the fact, its JSON.
-- Answers the new version; 0 when somebody was faster, -1 when there is no room.
local text = redis.call('HGET', KEYS[1], ARGV[1])
local version = text and string.match(text, '^%d+') or '0'
if version ~= ARGV[2] then return 0 end
if not text and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return -1 end
-- One counter for all sources: a version never comes again, not even after a source was removed.
local new = redis.call('INCR', KEYS[2])
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('DEL', KEYS[4])
else
  redis.call('HSET', KEYS[1], ARGV[1], new .. ' ' .. ARGV[3])
end
redis.call('XADD', KEYS[3], '*', ARGV[5], string.sub(ARGV[6], 1, -2) .. ',"version":' .. new .. '}')
return new
