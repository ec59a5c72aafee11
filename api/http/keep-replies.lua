-- Keeps what requests were answered, under their idempotency keys, for ARGV[1] ms each.
for i, key in ipairs(KEYS) do
  redis.call('SET', key, ARGV[i + 1], 'PX', ARGV[1])
end
return #KEYS
