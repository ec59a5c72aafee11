-- Remembers what events started, of those that are still remembered themselves.
-- KEYS: their records. ARGV: for each what it started, as JSON.
for i, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then redis.call('HSET', key, 'matched', ARGV[i]) end
end
return #KEYS
