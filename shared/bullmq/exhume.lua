-- Takes a job out of the failed set, if it still lies there since that moment. Its hash stays.
-- KEYS: job set(failed)
-- ARGV: id, finishedOn it must have ('' any)
-- Answers 1, or 0 when it ended at another time, has another life already, or is gone.
if ARGV[2] ~= '' and ARGV[2] ~= redis.call('HGET', KEYS[1], 'finishedOn') then return 0 end
return redis.call('ZREM', KEYS[2], ARGV[1])
