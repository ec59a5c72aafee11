-- Decides whether a consumer still holds its lease and is where it was left; if so it moves on, and facts that must be told
-- with that are told. Answers 1 moved, now or before, 0 lease lost, 2 not where it was left.
-- KEYS: lease, positions, log. ARGV: token, lease ms, name, from, to, head and data of each fact.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local at = redis.call('HGET', KEYS[2], ARGV[3])
-- The same step again: its answer was lost on the way and the client sent it once more.
if at == ARGV[5] then return 1 end
if at ~= ARGV[4] then return 2 end
redis.call('HSET', KEYS[2], ARGV[3], ARGV[5])
for i = 6, #ARGV, 2 do redis.call('XADD', KEYS[3], '*', ARGV[i], ARGV[i + 1]) end
return 1
