-- Takes the next in the line of an endpoint that nobody has taken; they stand behind all others until they are awake. Answers their ids.
-- KEYS: line. ARGV: most, how far behind.
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[2], 'LIMIT', 0, ARGV[1])
for _, id in ipairs(ids) do redis.call('ZINCRBY', KEYS[1], ARGV[2], id) end
return ids
