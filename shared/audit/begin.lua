#!lua flags=allow-oom
-- Notes that a change is about to be made, also where Redis is full: what frees memory must go on, and be noted.
-- KEYS open  ARGV id, the change as JSON
return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
