-- Sets one field of a job's hash, if there still is such a job. KEYS: the hash. ARGV: field, value. Answers 1 or 0.
if redis.call('HEXISTS', KEYS[1], 'timestamp') == 0 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
