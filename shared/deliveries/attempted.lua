-- Writes what came of attempts and what that says of their endpoints. Answers which deliveries wait no longer for those that
-- have ended, then for each endpoint: id, failures in a row, failing since, last success, deliveries in its line.
-- A delivery that is given up is told of in the step in which it is.
-- KEYS: prefix, log. ARGV: now, hour, kept attempts, then for each: id, webhook, status, next attempt at ('' none), attempt as JSON
-- ('' none was made), width of its time ('' unknown), 1 good or 0 bad for the endpoint ('' neither), head and data of the fact that
-- tells it was given up ('' none).
local call, prefix, now = redis.call, KEYS[1], ARGV[1]
local follow, touched, order = {}, {}, {}
local function ended(key, id, webhook, status)
  call('ZREM', prefix .. 'open:' .. webhook, id)
  if status ~= 'succeeded' then call('ZADD', prefix .. 'lost:' .. webhook, call('HGET', key, 'p') or now, id) end
  local waiting = call('HGET', key, 'o')
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
  local before = call('HGET', key, 's')
  if before then
    if attempt == '' then call('HSET', key, 's', status, 'x', ARGV[at + 3])
    else
      local n = call('HINCRBY', key, 'n', 1)
      call('HSET', key, 's', status, 'x', ARGV[at + 3], 'a' .. n, attempt)
      if n > tonumber(ARGV[3]) then call('HDEL', key, 'a' .. (n - ARGV[3])) end
    end
    if status ~= 'failed' and status ~= 'pending' then ended(key, id, webhook, status) end
    if ARGV[at + 7] ~= '' and before ~= 'dead' then call('XADD', KEYS[2], '*', ARGV[at + 7], ARGV[at + 8]) end
  end
  if good ~= '' then
    local state = prefix .. 'state:' .. webhook
    if good == '1' then call('HSET', state, 'ok', now, 'failures', 0, 'since', '')
    else
      if call('HINCRBY', state, 'failures', 1) == 1 then call('HSET', state, 'since', now) end
      call('HSET', state, 'bad', now)
    end
    local widths = prefix .. 'widths:' .. webhook .. ':' .. ARGV[2]
    call('HINCRBY', widths, ARGV[at + 5], 1)
    if good == '1' then call('HINCRBY', widths, 'ok', 1) end
    if not touched[webhook] then
      touched[webhook] = true
      order[#order + 1] = webhook
      call('EXPIRE', widths, 7200)
    end
  end
end
local states = {}
for _, webhook in ipairs(order) do
  local known = call('HMGET', prefix .. 'state:' .. webhook, 'failures', 'since', 'ok')
  states[#states + 1] = { webhook, known[1] or '0', known[2] or '', known[3] or '', call('ZCARD', prefix .. 'line:' .. webhook) }
end
return { follow, states }
