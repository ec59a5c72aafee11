-- Writes what came of attempts. Answers which deliveries wait no longer for those that have ended, each with its endpoint.
-- A delivery that is given up is told of in the step in which it is; one that waited for it stands in line until it is awake.
-- What ends without an attempt was open until then: one that has ended meanwhile stays what it came to.
-- KEYS: prefix, log, lines to look at. ARGV: now, kept attempts, how far behind in line, then for each: id, webhook, status, next
-- attempt at ('' none), attempt as JSON ('' none was made), head and data of the fact that tells it was given up ('' none).
local call, prefix, now = redis.call, KEYS[1], ARGV[1]
local follow, closed, over = {}, {}, {}
local function ended(key, id, webhook, status, made, place, waiting)
  local others = closed[webhook]
  if others then others[#others + 1] = id else closed[webhook] = { id } end
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
  call('ZADD', prefix .. 'line:' .. webhook, ARGV[3] + (call('HGET', prefix .. 'd:' .. next, 'p') or 0), next)
  call('ZADD', KEYS[3], 'NX', now, webhook)
end
for at = 4, #ARGV, 7 do
  local id, webhook, status, attempt = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 4]
  local key = prefix .. 'd:' .. id
  local known = call('HMGET', key, 's', 'n', 'c', 'p', 'o')
  local before = known[1]
  if before and (attempt ~= '' or before == 'pending' or before == 'failed') then
    if attempt == '' then call('HSET', key, 's', status, 'x', ARGV[at + 3])
    elseif not known[2] or call('HGET', key, 'a' .. known[2]) ~= attempt then
      -- What is there already is sent again, as its answer was lost.
      local n = (known[2] or 0) + 1
      call('HSET', key, 's', status, 'x', ARGV[at + 3], 'n', n, 'a' .. n, attempt)
      if n > tonumber(ARGV[2]) then call('HDEL', key, 'a' .. (n - ARGV[2])) end
    end
    if status ~= 'failed' and status ~= 'pending' then ended(key, id, webhook, status, known[3], known[4], known[5]) end
    if ARGV[at + 5] ~= '' and before ~= 'dead' then call('XADD', KEYS[2], '*', ARGV[at + 5], ARGV[at + 6]) end
  end
end
-- It may have been put into its endpoint's line while it was sent. Left there it would be woken for nothing, and hold up the others.
for webhook, ids in pairs(closed) do
  call('ZREM', prefix .. 'open:' .. webhook, unpack(ids))
  call('ZREM', prefix .. 'line:' .. webhook, unpack(ids))
end
if #over > 0 then call('ZADD', prefix .. 'ended', unpack(over)) end
return follow
