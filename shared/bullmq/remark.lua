-- Writes a remark into the hash of a job, if it still lies in the failed set since that moment. Answers 1 or 0.
-- KEYS: job set(failed). ARGV: id, finishedOn it must have ('' any), the remark
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then return 0 end
if ARGV[2] ~= '' and ARGV[2] ~= redis.call('HGET', KEYS[1], 'finishedOn') then return 0 end
if redis.call('HEXISTS', KEYS[1], 'timestamp') == 0 then return 0 end
redis.call('HSET', KEYS[1], 'k1nRemark', ARGV[3])
return 1
