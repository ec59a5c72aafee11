-- Answers nothing while the log holds the entry that was read last, so that none after it is gone; else the oldest
-- entry there is and the position of the newest fact. Where nothing was read yet all there ever was must be there.
-- KEYS: log. ARGV: id of the entry read last, 0-0 before the first.
local call, key, id = redis.call, KEYS[1], ARGV[1]
if #call('XRANGE', key, id, id) > 0 then return {} end
local newest = call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1]
if not newest then return id == '0-0' and {} or { '0-0', '0-0' } end
if id == '0-0' then
  local about = {}
  local info = call('XINFO', 'STREAM', key)
  for i = 1, #info, 2 do about[info[i]] = info[i + 1] end
  if about['entries-added'] == about.length then return {} end
end
local facts = #newest[2] / 2
local position = facts > 1 and string.format('%s.%03d', newest[1], facts - 1) or newest[1]
return { call('XRANGE', key, '-', '+', 'COUNT', 1)[1][1], position }
