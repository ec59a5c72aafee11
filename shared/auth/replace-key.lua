-- Decides whether a key is still as it was read, and puts its changed record there; a key that was revoked meanwhile stays revoked.
local place, before, after = KEYS[1], ARGV[1], ARGV[2]
if redis.call('GET', place) ~= before then return 0 end
redis.call('SET', place, after, 'KEEPTTL')
return 1
