-- An endpoint rests: nobody looks at its line before then. Of two rests the longer one holds, such as the one that it asked for.
-- KEYS: lines to look at, state. ARGV: endpoint, until, now.
redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
redis.call('HSET', KEYS[2], 'rested', ARGV[3])
local rest = redis.call('HGET', KEYS[2], 'rest')
if not rest or tonumber(rest) < tonumber(ARGV[2]) then redis.call('HSET', KEYS[2], 'rest', ARGV[2]) end
return 1
