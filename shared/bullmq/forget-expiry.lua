-- Forgets by when a job must start that was not made. One that is there meanwhile, made by another request, keeps its note.
-- KEYS: times to start, job. ARGV: id
if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('ZREM', KEYS[1], ARGV[1]) end
