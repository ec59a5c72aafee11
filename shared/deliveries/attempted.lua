-- Writes what came of attempts and what that says of their endpoints. Answers which deliveries wait no longer for those that
-- have ended, each with its endpoint, then for each endpoint: id, failures in a row, failing since, last success, how many in its
-- line nobody has taken.
-- A delivery that is given up is told of in the step in which it is; one that waited for it stands in line until it is awake. An
-- endpoint that answers rests no longer.
-- KEYS: prefix, log, lines to look at. ARGV: now, hour, kept attempts, how far behind in line, then for each: id, webhook, status, next
-- attempt at ('' none), attempt as JSON ('' none was made), width of its time ('' unknown), 1 good or 0 bad for the endpoint
-- ('' neither), head and data of the fact that tells it was given up ('' none).
local call, prefix, now = redis.call, KEYS[1], ARGV[1]
local follow, endpoints, order, closed, over = {}, {}, {}, {}, {}
local function ended(key, id, webhook, status, made, place, waiting)
  closed[webhook] = closed[webhook] or {}
  table.insert(closed[webhook], id)
  over[#over + 1] = made
  over[#over + 1] = id
  if status ~= 'succeeded' then call('ZADD', prefix .. 'lost:' .. webhook, place or now, id) end
  if not waiting then return end
  local list = prefix .. 'order:' .. webhook .. ':' .. waiting
  call('LREM', list, 1, id)
  call('HDEL', key, 'o')
  local next = call('LINDEX', list, 0)
  if not next then return end
  follow[#follow + 1] = next
  follow[#follow + 1] = webhook
  call('ZADD', prefix .. 'line:' .. webhook, ARGV[4] + (call('HGET', prefix .. 'd:' .. next, 'p') or 0), next)
  call('ZADD', KEYS[3], 'NX', now, webhook)
end
for at = 5, #ARGV, 9 do
  local id, webhook, status, attempt, good = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 4], ARGV[at + 6]
  local key = prefix .. 'd:' .. id
  local before, n, made, place, waiting = unpack(call('HMGET', key, 's', 'n', 'c', 'p', 'o'))
  if before then
    if attempt == '' then call('HSET', key, 's', status, 'x', ARGV[at + 3])
    else
      n = (tonumber(n) or 0) + 1
      call('HSET', key, 's', status, 'x', ARGV[at + 3], 'n', n, 'a' .. n, attempt)
      if n > tonumber(ARGV[3]) then call('HDEL', key, 'a' .. (n - ARGV[3])) end
    end
    if status ~= 'failed' and status ~= 'pending' then ended(key, id, webhook, status, made, place, waiting) end
    if ARGV[at + 7] ~= '' and before ~= 'dead' then call('XADD', KEYS[2], '*', ARGV[at + 7], ARGV[at + 8]) end
  end
  if good ~= '' then
    local endpoint = endpoints[webhook]
    if not endpoint then
      endpoint = { bad = 0, good = false, widths = {} }
      endpoints[webhook] = endpoint
      order[#order + 1] = webhook
    end
    if good == '1' then endpoint.good, endpoint.bad = true, 0 else endpoint.bad = endpoint.bad + 1 end
    local width = (good == '1' and '' or '-') .. ARGV[at + 5]
    endpoint.widths[width] = (endpoint.widths[width] or 0) + 1
  end
end
for webhook, ids in pairs(closed) do call('ZREM', prefix .. 'open:' .. webhook, unpack(ids)) end
if #over > 0 then call('ZADD', prefix .. 'ended', unpack(over)) end
local function answered(webhook, state, look)
  local failures, ok = unpack(call('HMGET', state, 'failures', 'ok'))
  -- A write for each success would only say again what is known.
  if failures ~= '0' or now - ok >= 1000 then call('HSET', state, 'ok', now, 'failures', 0, 'since', '') end
  if look and tonumber(look) > tonumber(now) then
    call('HDEL', state, 'rest')
    call('ZADD', KEYS[3], now, webhook)
  end
end
local looks = #order > 0 and call('ZMSCORE', KEYS[3], unpack(order)) or {}
local states = {}
for n, webhook in ipairs(order) do
  local endpoint, state = endpoints[webhook], prefix .. 'state:' .. webhook
  if endpoint.good then answered(webhook, state, looks[n]) end
  if endpoint.bad > 0 then
    if call('HINCRBY', state, 'failures', endpoint.bad) == endpoint.bad then call('HSET', state, 'since', now) end
    call('HSET', state, 'bad', now)
  end
  local widths = prefix .. 'widths:' .. webhook .. ':' .. ARGV[2]
  for width, count in pairs(endpoint.widths) do
    if call('HINCRBY', widths, width, count) == count then call('EXPIRE', widths, 7200) end
  end
  local known = { '0', '', now }
  if endpoint.bad > 0 then known = call('HMGET', state, 'failures', 'since', 'ok') end
  -- Whoever stands in line is looked at some time.
  local lined = looks[n] and call('ZCOUNT', prefix .. 'line:' .. webhook, '-inf', '(' .. ARGV[4]) or 0
  states[#states + 1] = { webhook, known[1] or '0', known[2] or '', known[3] or '', lined }
end
return { follow, states }
