-- Takes the idempotency keys that are free, for ARGV[1] ms each, and answers what the others hold (nil for those taken).
local held = {}
for i, key in ipairs(KEYS) do
  held[i] = redis.call('SET', key, ARGV[i + 1], 'NX', 'GET', 'PX', ARGV[1])
end
return held
