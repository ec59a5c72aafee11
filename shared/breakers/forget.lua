-- Decides whether a breaker may go with its service: one that somebody forced stays.
-- KEYS: states, circuit, past changes, history of calls. ARGV: service. Answers 1 when it is gone.
local text = redis.call('GET', KEYS[2])
local state = text and cmsgpack.unpack(text).state or 'closed'
if state == 'forced_open' or state == 'forced_closed' or state == 'disabled' then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('UNLINK', KEYS[2], KEYS[3], KEYS[4])
return 1
