-- Decides whether a field still holds what was read of it, and only then gives it another value. Answers 1 or 0.
-- KEYS: a hash. ARGV: field, the text it must hold ('' for none), the new text
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
