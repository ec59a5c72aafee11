-- Decides whether a claim is still as it was read; if so no further event becomes part of it.
-- KEYS: open quiet. ARGV: key, the claim as JSON, key of its events. Answers 1, or 0 when it is not.
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
if redis.call('HGET', KEYS[2], ARGV[3]) == ARGV[1] then redis.call('HDEL', KEYS[2], ARGV[3]) end
return 1
