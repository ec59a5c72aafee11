-- Keeps how everything stands, once a minute: 1 kept, 0 when the lease is another's, 2 when that minute has its moment already.
-- KEYS: lease, moments. ARGV: token, epoch ms, the moment, ms to keep it, bytes that all of them may take.
local call, moments = redis.call, KEYS[2]
if call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local at, keep, most = tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[5])
local last = call('XREVRANGE', moments, '+', '-', 'COUNT', 1)[1]
if last and math.floor(tonumber(string.match(last[1], '^%d+')) / 60000) >= math.floor(at / 60000) then return 2 end
call('XADD', moments, ARGV[2] .. '-0', 'm', ARGV[3])
call('XTRIM', moments, 'MINID', string.format('%.0f', at - keep))
call('PEXPIRE', moments, keep)
local bytes = call('MEMORY', 'USAGE', moments)
if bytes > most then
  call('XTRIM', moments, 'MAXLEN', math.max(1, math.floor(call('XLEN', moments) * most / bytes * 0.9)))
end
return 1
