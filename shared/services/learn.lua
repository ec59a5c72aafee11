-- Decides which hosts are remembered: the one that is called now, and of the others those called last.
-- KEYS: learnt. ARGV: name, now, most hosts. Answers the names that left.
if redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1]) == 0 then return {} end
local over = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[3])
if over <= 0 then return {} end
local gone = redis.call('ZRANGE', KEYS[1], 0, over - 1)
redis.call('ZREM', KEYS[1], unpack(gone))
return gone
