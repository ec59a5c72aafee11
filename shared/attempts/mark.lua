-- Changes fields of a job's hash, if there still is such a job. KEYS: the hash. ARGV: field, value, field, value, … and
-- behind them, if wished, one field to take off. Answers 1 or 0.
if redis.call('HEXISTS', KEYS[1], 'timestamp') == 0 then return 0 end
for i = 1, #ARGV - 1, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
if #ARGV % 2 == 1 then redis.call('HDEL', KEYS[1], ARGV[#ARGV]) end
return 1
