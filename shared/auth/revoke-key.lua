-- Decides whether a key still has the secret that was read, and a key that must stay is still there, and revokes it: all secrets
-- lead to it through the index.
local record, index = KEYS[1], KEYS[2]
local id, digest, revoked, kept_ms, other = unpack(ARGV)
if redis.call('HGET', index, id) ~= digest then return 0 end
if other ~= '' and redis.call('HEXISTS', index, other) == 0 then return 0 end
redis.call('SET', record, revoked, 'PX', kept_ms)
redis.call('HDEL', index, id)
redis.call('ZREM', KEYS[3], id)
for at = 4, #KEYS do redis.call('HDEL', KEYS[at], id) end
return 1
