-- Decides whether a record is still the one that was read; if so writes what it became, and tells it, in one step.
-- KEYS: records, revision, log. ARGV: id, version that was read (0: none, '' any), record as JSON ('' removes it), member of the fact
-- that tells the new version ('' none), head of the fact, its JSON.
-- Answers the new version; 0 when somebody was faster.
local text = redis.call('HGET', KEYS[1], ARGV[1])
local version = text and string.match(text, '^%d+') or '0'
if ARGV[2] ~= '' and version ~= ARGV[2] then return 0 end
local new = redis.call('INCR', KEYS[2])
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1])
else redis.call('HSET', KEYS[1], ARGV[1], new .. ' ' .. ARGV[3]) end
local data = ARGV[6]
if ARGV[4] ~= '' then data = string.sub(data, 1, -2) .. ',"' .. ARGV[4] .. '":' .. new .. '}' end
redis.call('XADD', KEYS[3], '*', ARGV[5], data)
return new
