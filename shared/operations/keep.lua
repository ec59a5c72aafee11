-- Stores one slice of an operation's items, for who holds it.
-- KEYS: operation open items. ARGV: id, fence, end of the lease, number of the slice, its JSON
-- Answers what is wanted ('' nothing), or false when another holds it.
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[2] then return false end
if ARGV[4] == '0' then redis.call('DEL', KEYS[3]) end
redis.call('HSET', KEYS[3], ARGV[4], ARGV[5])
redis.call('HSET', KEYS[1], 'lease', ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return redis.call('HGET', KEYS[1], 'wanted') or ''
