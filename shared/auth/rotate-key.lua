-- Decides whether a key is still as it was read, and gives it another secret; the one before leads to it for a while.
local before, after, index = KEYS[1], KEYS[2], KEYS[3]
local id, digest, text, new_digest, new_text, replaced, kept_ms = unpack(ARGV)
if redis.call('HGET', index, id) ~= digest or redis.call('GET', before) ~= text then return 0 end
redis.call('SET', after, new_text)
redis.call('HSET', index, id, new_digest)
redis.call('SET', before, replaced, 'PX', kept_ms)
return 1
