-- Decides whether a schedule's record is still the one that was read; if so writes what it became, and tells it, in one step.
-- KEYS: records, versions, revision, log. ARGV: id, version that was read (0: none), record as JSON ('' removes it), most
-- records, channel, head of the fact, its JSON.
-- Answers the new version; 0 when somebody was faster, -1 when there is no room.
local text = redis.call('HGET', KEYS[1], ARGV[1])
local version = text and string.match(text, '^%d+') or '0'
if version ~= ARGV[2] then return 0 end
if not text and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return -1 end
-- One counter for all schedules: a version never comes again, and whoever knows one finds what changed after it.
local new = redis.call('INCR', KEYS[3])
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], new .. ' ' .. ARGV[3])
  redis.call('ZADD', KEYS[2], new, ARGV[1])
end
local data = string.sub(ARGV[7], 1, -2) .. ',"version":' .. new .. '}'
redis.call('XADD', KEYS[4], '*', ARGV[6], data)
redis.call('PUBLISH', ARGV[5], ARGV[1])
return new
