-- Decides every change of a breaker's state, and who may call: the machine of policy.ts, which says what is meant.
-- KEYS: circuit, states, revision, log, past changes, history of calls.
-- ARGV: op, now (-1: Redis's own), random, config, service, channel, names of the facts opened | half-opened | closed, then
--   look | admit <probe> | report <generation> <calls> <refused> | probe <generation> <probe> <call, or ''>
--   | force <state> <ttl ms> <actor> <note> | auto <actor> <note> | reset <actor> <note>
-- Config: JSON list of slot, least calls, failure rate, slow rate, failures in a row (0: never), open ms, most open ms, jitter,
--   probes, lease ms, seconds of the window.
-- Answers: what it came to, revision, now, the circuit as JSON, when to ask again.
local call, floor, min, max = redis.call, math.floor, math.min, math.max
local op, now, service = ARGV[1], tonumber(ARGV[2]), ARGV[5]
if now < 0 then
  local time = call('TIME')
  now = time[1] * 1000 + floor(time[2] / 1000)
end
local slot, least, failureRate, slowRate, inRow, openMs, openMax, jitter, permits, lease, windowS =
  unpack(cjson.decode(ARGV[4]))

local function emptySlots()
  local slots = {}
  for i = 1, 10 do slots[i] = { 0, 0, 0, 0 } end
  return slots
end
local text = call('GET', KEYS[1])
local c = text and cjson.decode(text) or {
  state = 'closed', gen = 0, since = 0, until_ = 0, opened = 0, opens = 0, reason = '', actor = '', note = '',
  seen = { 0, 0, 0 }, slot = 0, slots = emptySlots(), ring = '', run = 0, probes = {}, passed = 0, failed = 0, refused = 0, trips = 0,
}
-- `until` is a word of Lua.
if text then c.until_ = c['until'] end

local passes = { closed = true, forced_closed = true, disabled = true }

-- 1795343641000 as 2026-11-22T10:34:01.000Z; null for 0.
local function instant(ms)
  if ms == 0 then return cjson.null end
  local days, rest = floor(ms / 86400000), ms % 86400000
  local z = days + 719468
  local era = floor(z / 146097)
  local doe = z - era * 146097
  local yoe = floor((doe - floor(doe / 1460) + floor(doe / 36524) - floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + floor(yoe / 4) - floor(yoe / 100))
  local mp = floor((5 * doy + 2) / 153)
  local day, month = doy - floor((153 * mp + 2) / 5) + 1, mp < 10 and mp + 3 or mp - 9
  local year = yoe + era * 400 + (month <= 2 and 1 or 0)
  return string.format('%04d-%02d-%02dT%02d:%02d:%02d.%03dZ', year, month, day,
    floor(rest / 3600000), floor(rest / 60000) % 60, floor(rest / 1000) % 60, rest % 1000)
end

local function seenIn()
  if c.slot < 0 then
    local _, failures = string.gsub(c.ring, '[13]', '')
    local _, slow = string.gsub(c.ring, '[23]', '')
    return { #c.ring, failures, slow }
  end
  local newest, seen = c.slot == 0 and 0 or floor(now / c.slot), { 0, 0, 0 }
  for _, s in ipairs(c.slots) do
    if s[1] <= newest and s[1] > newest - 10 then
      for i = 1, 3 do seen[i] = seen[i] + s[i + 1] end
    end
  end
  return seen
end

local facts = { closed = ARGV[9], forced_closed = ARGV[9], disabled = ARGV[9], half_open = ARGV[8], open = ARGV[7], forced_open = ARGV[7] }

local function change(to, reason, untilMs, actor, note, seen)
  local from = c.state
  if not seen then
    if from == 'half_open' then seen = { c.passed + c.failed, c.failed, 0 }
    elseif passes[from] then seen = seenIn() else seen = c.seen end
  end
  if passes[to] then c.opened = 0 elseif passes[from] or c.opened == 0 then c.opened = now end
  c.state, c.gen, c.since, c.until_, c.reason, c.seen = to, call('INCR', KEYS[3]), now, untilMs, reason, seen
  c.actor, c.note = actor or '', note or ''
  c.slots, c.ring, c.run, c.probes, c.passed, c.failed = emptySlots(), '', 0, {}, 0, 0
  call('XADD', KEYS[4], '*', 'n', facts[to], 't', string.format('%d', now), 'd', cjson.encode({
    service = service, from = from, to = to, reason = reason,
    failure_rate = seen[1] > 0 and seen[2] / seen[1] or 0, calls = seen[1], window_s = windowS > 0 and windowS or cjson.null,
    opened_at = instant(c.opened), next_attempt_at = instant(untilMs), actor = actor or cjson.null, sequence = c.gen,
  }))
  local brief = cjson.encode({
    service = service, state = to, gen = c.gen, at = now, since = now, ['until'] = untilMs, reason = reason,
  })
  call('HSET', KEYS[2], service, brief)
  call('PUBLISH', ARGV[6], brief)
  call('ZADD', KEYS[5], now, table.concat({ c.gen, from, to, reason }, '|'))
  call('ZREMRANGEBYSCORE', KEYS[5], '-inf', now - 90000000)
  call('ZREMRANGEBYRANK', KEYS[5], 0, -2001)
end

local function open(reason, seen)
  local whole = min(openMax, openMs * 2 ^ min(c.opens, 30))
  local length = max(1, min(floor(whole * (1 + jitter * (2 * tonumber(ARGV[3]) - 1))), openMax))
  c.opens, c.trips = c.opens + 1, c.trips + 1
  change('open', reason, now + length, nil, nil, seen)
end

local function settle()
  local decided = c.passed + c.failed
  local probes = max(permits, decided)
  if c.failed / probes >= failureRate then open('probe_failed', { decided, c.failed, 0 })
  elseif decided > 0 and (probes - c.passed) / probes < failureRate then
    change('closed', 'probe_ok', 0)
    c.opens = 0
  end
end

-- What time alone does.
if c.until_ > 0 and now >= c.until_ and c.state ~= 'half_open' then
  change((c.state == 'open' or c.state == 'forced_open') and 'half_open' or 'closed', 'timeout', 0)
end
local out = 0
if c.state == 'half_open' then
  local left = {}
  for probe, ends in pairs(c.probes) do
    if ends > now then
      left[probe] = ends
      out = out + 1
    else c.failed = c.failed + 1 end
  end
  c.probes = left
  settle()
end

-- Calls as they come, a byte each, become sums; see calls.ts.
local function tallyOf(calls)
  local t = { calls = #calls, failures = 0, slow = 0, lead = 0, trail = 0, worst = 0, buckets = {}, digits = {} }
  local run = 0
  for i = 1, #calls do
    local code = string.byte(calls, i)
    local failed, slow, bucket = code % 2, floor(code / 2) % 2, floor(code / 4) + 1
    t.slow, t.failures = t.slow + slow, t.failures + failed
    run = failed == 1 and run + 1 or 0
    if run == i then t.lead = run end
    t.worst = max(t.worst, run)
    t.buckets[bucket] = (t.buckets[bucket] or 0) + 1
    t.digits[i] = failed + 2 * slow
  end
  t.trail = run
  return t
end

-- The last hour in slots of 6 s, for what-ifs: number, calls, failures, slow, refused, lead, trail, worst, durations.
local function keep(t, refused)
  local n = floor(now / 6000)
  local field = n % 600
  local old = call('HGET', KEYS[6], field)
  local h = old and cjson.decode(old)
  if not h or h[1] ~= n then h = { n, 0, 0, 0, 0, 0, 0, 0, {} } end
  local durations = {}
  for i = 1, 28 do durations[i] = (h[9][i] or 0) + (t.buckets[i] or 0) end
  local lead = h[6] == h[2] and h[2] + t.lead or h[6]
  local trail = t.trail == t.calls and h[7] + t.calls or t.trail
  call('HSET', KEYS[6], field, cjson.encode({ n, h[2] + t.calls, h[3] + t.failures, h[4] + t.slow, h[5] + refused,
    lead, trail, max(h[8], t.worst, h[7] + t.lead), durations }))
  call('PEXPIRE', KEYS[6], 7200000)
end

local function report(gen, calls, refused)
  local t = tallyOf(calls)
  c.refused = c.refused + refused
  keep(t, refused)
  if gen ~= c.gen or not passes[c.state] then return 'stale' end
  if c.state == 'disabled' then return 'counted' end
  local worst = max(t.worst, c.run + t.lead)
  c.run = t.trail == t.calls and c.run + t.calls or t.trail
  if c.slot ~= slot then c.slot, c.slots, c.ring = slot, emptySlots(), '' end
  if slot < 0 then c.ring = string.sub(c.ring .. table.concat(t.digits), slot)
  else
    local n = floor(now / slot)
    local s = c.slots[n % 10 + 1]
    if s[1] ~= n then s = { n, 0, 0, 0 } end
    c.slots[n % 10 + 1] = { n, s[2] + t.calls, s[3] + t.failures, s[4] + t.slow }
  end
  if c.state ~= 'closed' then return 'counted' end
  local seen = seenIn()
  local enough = seen[1] >= least
  if enough and seen[2] / seen[1] >= failureRate then open('threshold', seen)
  elseif enough and seen[3] / seen[1] >= slowRate then open('slow_calls', seen)
  elseif inRow > 0 and worst >= inRow then open('consecutive', seen) end
  return 'counted'
end

local function endProbe(gen, probe, result)
  if result ~= '' then keep(tallyOf(result), 0) end
  if gen ~= c.gen or c.state ~= 'half_open' or not c.probes[probe] then return 'stale' end
  c.probes[probe] = nil
  if result == '' then return 'counted' end
  if string.byte(result) % 4 > 0 then c.failed = c.failed + 1 else c.passed = c.passed + 1 end
  settle()
  return 'counted'
end

local askAgainAt = 0
local function admit(probe)
  if passes[c.state] then return 'passed' end
  askAgainAt = c.until_
  if c.state ~= 'half_open' then return 'refused' end
  if out + c.passed + c.failed < permits then
    c.probes[probe] = now + lease
    return 'probe'
  end
  askAgainAt = now + openMs
  for _, ends in pairs(c.probes) do askAgainAt = min(askAgainAt, ends) end
  return 'refused'
end

local function byHand(actor, note)
  if op == 'reset' then
    change('closed', 'reset', 0, actor, note)
    c.opens = 0
    return 'done'
  end
  if c.state ~= 'forced_open' and c.state ~= 'forced_closed' and c.state ~= 'disabled' then return 'same' end
  change(c.state == 'forced_open' and 'half_open' or 'closed', 'manual', 0, actor, note)
  return 'done'
end

local function force(to, ttl, actor, note)
  if c.state == to then return 'same' end
  change(to, 'manual', ttl > 0 and now + ttl or 0, actor, note)
  return 'done'
end

local answer = 'looked'
if op == 'admit' then answer = admit(ARGV[10])
elseif op == 'report' then answer = report(tonumber(ARGV[10]), ARGV[11], tonumber(ARGV[12]))
elseif op == 'probe' then answer = endProbe(tonumber(ARGV[10]), ARGV[11], ARGV[12])
elseif op == 'force' then answer = force(ARGV[10], tonumber(ARGV[11]), ARGV[12], ARGV[13])
elseif op == 'auto' or op == 'reset' then answer = byHand(ARGV[10], ARGV[11]) end

c['until'], c.until_ = c.until_, nil
local after = cjson.encode(c)
-- A breaker that was only asked is not one yet.
if after ~= text and (text or (answer ~= 'looked' and answer ~= 'passed')) then call('SET', KEYS[1], after) end
return { answer, tonumber(call('GET', KEYS[3]) or 0), now, after, askAgainAt }
