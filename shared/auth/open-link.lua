-- Opens a link to a portal: of two who open it at once, one finds its code. One that was revoked meanwhile is there no more, and stays away.
-- KEYS: the code, the link, all links. ARGV: id, the link as it is once it is open, how long it then holds in ms, until when
if redis.call('DEL', KEYS[1]) == 0 then return 0 end
if not redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3], 'XX') then return 0 end
redis.call('ZADD', KEYS[3], 'XX', ARGV[4], ARGV[1])
return 1
