-- Counts how attempts at endpoints ended. Answers for each endpoint: failures in a row, failing since, last success, how many in its
-- line nobody has taken, until when it rests ('' not). An endpoint that answers rests no longer, unless what arrived was under way
-- when it began to rest: that says nothing of what it asked for since.
-- KEYS: prefix, lines to look at. ARGV: now, hour, how far behind in line, then for each endpoint: id, when the latest attempt that
-- arrived began ('' none), how many have failed since, how many widths, and for each of those its name and count.
local call, prefix, now = redis.call, KEYS[1], ARGV[1]
local function answered(webhook, state, look, began)
  local known = call('HMGET', state, 'failures', 'ok', 'rest', 'rested')
  -- A write for each success would only say again what is known.
  if known[1] ~= '0' or now - known[2] >= 1000 then call('HSET', state, 'ok', now, 'failures', 0, 'since', '') end
  local rest, rested = known[3], known[4]
  if rest and tonumber(rest) > tonumber(now) and rested and tonumber(began) < tonumber(rested) then return rest end
  if rest then call('HDEL', state, 'rest', 'rested') end
  if look and tonumber(look) > tonumber(now) then call('ZADD', KEYS[2], now, webhook) end
  return ''
end
local states, at = {}, 4
while at <= #ARGV do
  local webhook, bad, widths = ARGV[at], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local state, counts = prefix .. 'state:' .. webhook, prefix .. 'widths:' .. webhook .. ':' .. ARGV[2]
  local look = call('ZSCORE', KEYS[2], webhook)
  local rest = ''
  if ARGV[at + 1] ~= '' then rest = answered(webhook, state, look, ARGV[at + 1]) end
  if bad > 0 then
    if call('HINCRBY', state, 'failures', bad) == bad then call('HSET', state, 'since', now) end
    call('HSET', state, 'bad', now)
  end
  for n = at + 4, at + 3 + 2 * widths, 2 do
    if call('HINCRBY', counts, ARGV[n], ARGV[n + 1]) == tonumber(ARGV[n + 1]) then call('EXPIRE', counts, 7200) end
  end
  local known = { '0', '', now }
  if bad > 0 then known = call('HMGET', state, 'failures', 'since', 'ok') end
  -- Whoever stands in line is looked at some time.
  local lined = look and call('ZCOUNT', prefix .. 'line:' .. webhook, '-inf', '(' .. ARGV[3]) or 0
  states[#states + 1] = { known[1] or '0', known[2] or '', known[3] or '', lined, rest }
  at = at + 4 + 2 * widths
end
return states
