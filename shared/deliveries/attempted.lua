-- Writes what came of attempts and what that says of their endpoints. Answers which deliveries wait no longer for those that
-- have ended, then for each endpoint: id, failures in a row, failing since, last success, deliveries in its line.
-- A delivery that is given up is told of in the step in which it is.
-- KEYS: prefix, log. ARGV: now, hour, kept attempts, then for each: id, webhook, status, next attempt at ('' none), attempt as JSON
-- ('' none was made), width of its time ('' unknown), 1 good or 0 bad for the endpoint ('' neither), head and data of the fact that
-- tells it was given up ('' none).
local call, prefix, now = redis.call, KEYS[1], ARGV[1]
local follow, endpoints, order, closed = {}, {}, {}, {}
local function ended(key, id, webhook, status, place, waiting)
  closed[webhook] = closed[webhook] or {}
  table.insert(closed[webhook], id)
  if status ~= 'succeeded' then call('ZADD', prefix .. 'lost:' .. webhook, place or now, id) end
  if not waiting then return end
  local list = prefix .. 'order:' .. webhook .. ':' .. waiting
  call('LREM', list, 1, id)
  call('HDEL', key, 'o')
  local next = call('LINDEX', list, 0)
  if next then follow[#follow + 1] = next end
end
for at = 4, #ARGV, 9 do
  local id, webhook, status, attempt, good = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 4], ARGV[at + 6]
  local key = prefix .. 'd:' .. id
  local before, n, place, waiting = unpack(call('HMGET', key, 's', 'n', 'p', 'o'))
  if before then
    if attempt == '' then call('HSET', key, 's', status, 'x', ARGV[at + 3])
    else
      n = (tonumber(n) or 0) + 1
      call('HSET', key, 's', status, 'x', ARGV[at + 3], 'n', n, 'a' .. n, attempt)
      if n > tonumber(ARGV[3]) then call('HDEL', key, 'a' .. (n - ARGV[3])) end
    end
    if status ~= 'failed' and status ~= 'pending' then ended(key, id, webhook, status, place, waiting) end
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
-- A write for each success would only say again what is known.
local function recover(state)
  local failures, ok = unpack(call('HMGET', state, 'failures', 'ok'))
  if failures ~= '0' or now - ok >= 1000 then call('HSET', state, 'ok', now, 'failures', 0, 'since', '') end
end
local states = {}
for _, webhook in ipairs(order) do
  local endpoint, state = endpoints[webhook], prefix .. 'state:' .. webhook
  if endpoint.good then recover(state) end
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
  states[#states + 1] = { webhook, known[1] or '0', known[2] or '', known[3] or '', call('ZCARD', prefix .. 'line:' .. webhook) }
end
return { follow, states }
