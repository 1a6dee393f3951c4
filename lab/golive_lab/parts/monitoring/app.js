// The process that Prometheus scrapes: prom-client's own metrics, and the API's as the description has them.
// It also answers as a blackbox exporter does: /probe?target=URL.
const http = require('node:http')
const fs = require('node:fs')
const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = require('prom-client')

const told = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))
const registry = new Registry()
collectDefaultMetrics({ register: registry })
const kinds = { counter: Counter, gauge: Gauge, histogram: Histogram }
const made = {}
for (const { name, kind, labels } of told.series) {
  const labelNames = Object.keys(labels)
  const more = kind === 'histogram' ? { buckets: told.buckets } : {}
  made[name] ??= new kinds[kind]({ name, help: name, labelNames, registers: [registry], ...more })
  if (kind === 'histogram') made[name].zero(labels)
  if (kind === 'counter') made[name].inc(labels, 0)
}
for (const name of told.without) registry.removeSingleMetric(name)

// Traffic begins once Prometheus has seen the counters at rest: what it has never seen at 0 has not increased.
let scrapes = 0
function traffic () {
  for (const { name, kind, labels, value, observed } of told.series) {
    if (kind === 'counter') made[name].inc(labels, value)
    if (kind === 'gauge') made[name].set(labels, value)
    if (kind === 'histogram') for (let n = 0; n < value; n++) made[name].observe(labels, observed)
  }
}

http.createServer(async (request, response) => {
  const url = new URL(request.url, 'http://lab')
  const answer = (status, body, type = 'text/plain; version=0.0.4; charset=utf-8') => {
    response.writeHead(status, { 'content-type': type })
    response.end(body)
  }
  if (url.pathname === '/probe') {
    const host = new URL(url.searchParams.get('target')).hostname
    if (told.unprobed.includes(host)) return answer(200, '# nothing was probed\n')
    const failing = told.failing.includes(host)
    return answer(200, `# TYPE probe_success gauge\nprobe_success ${failing ? 0 : 1}\n`)
  }
  if (url.pathname === '/worker/metrics') {
    return told.worker_up ? answer(200, '# TYPE jobs_waiting gauge\njobs_waiting 0\n') : answer(503, 'down\n')
  }
  if (url.pathname !== '/metrics') return answer(404, 'not found\n')
  if (request.headers.authorization !== `Bearer ${told.token}`) return answer(401, 'who are you?\n')
  if (request.headers['user-agent'].startsWith('Prometheus') && ++scrapes === 2) traffic()
  // What Prometheus sees stays as it is: golive alone is shown the page.
  if (told.page !== 'metrics' && scrapes > 0 && !request.headers['user-agent'].startsWith('Prometheus')) {
    if (told.page === 'missing') return answer(404, 'not found\n')
    return answer(200, '<!doctype html><title>AfriGest</title><p>Welcome', 'text/html')
  }
  answer(200, await registry.metrics(), registry.contentType)
}).listen(told.port, '127.0.0.1')
