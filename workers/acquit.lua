-- Takes the mark off a job that ran alone, if it is still this process's. KEYS: the job's hash. ARGV: worker id.
if redis.call('HGET', KEYS[1], 'k1nSolo') ~= ARGV[1] then return 0 end
return redis.call('HDEL', KEYS[1], 'k1nSolo')
