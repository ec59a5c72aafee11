-- Decides whether a webhook's record is still the one that was read; if so writes what it became, and tells it, in one step.
-- KEYS: records, revision, recent changes, log. ARGV: id, version that was read (0: none), record as JSON ('' removes it), most
-- records, most recent changes, channel, head of the fact, its JSON.
-- Answers the new version; 0 when somebody was faster, -1 when there is no room.
local text = redis.call('HGET', KEYS[1], ARGV[1])
local version = text and string.match(text, '^%d+') or '0'
if version ~= ARGV[2] then return 0 end
if not text and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return -1 end
-- One counter for all webhooks: a version never comes again, and tells which changes came after it.
local new = redis.call('INCR', KEYS[2])
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1])
else redis.call('HSET', KEYS[1], ARGV[1], new .. ' ' .. ARGV[3]) end
redis.call('ZADD', KEYS[3], new, ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - tonumber(ARGV[5]))
redis.call('XADD', KEYS[4], '*', ARGV[7], string.sub(ARGV[8], 1, -2) .. ',"version":' .. new .. '}')
redis.call('PUBLISH', ARGV[6], ARGV[1])
return new
