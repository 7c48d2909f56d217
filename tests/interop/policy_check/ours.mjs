// ours.mjs - the same question to policy-check: one process for each world, one line for each request
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const folder = mkdtempSync(path.join(tmpdir(), 'eicbox-policies.'))
process.on('exit', () => rmSync(folder, { recursive: true }))

let files = 0
function file(document) {
	const name = path.join(folder, `${files++ % 64}.json`)
	writeFileSync(name, JSON.stringify(document))
	return name
}

function options(world) {
	const all = []
	for (const d of world.identity) all.push('--policy', file(d))
	for (const level of world.scps ?? []) {
		all.push('--scp', `${level.node}=`)
		for (const d of level.policies) all.push('--scp', `${level.node}=${file(d)}`)
	}
	for (const [name, option] of [['boundary', '--boundary'], ['session', '--session-policy'], ['endpoint', '--vpce-policy'],
		['resource', '--resource-policy']])
		if (world[name]) all.push(option, file(world[name]))
	return all
}

export function decide(world, requests, flags = ['--exact-context']) {
	const lines = requests.map((r) => JSON.stringify({
		principal: r.principal, action: r.action, resource: r.resource, resourceAccount: r.account, context: r.context
	}))
	const run = spawnSync(process.env.EICBOX, ['policy-check', ...flags, '--batch', '-', ...options(world)],
		{ input: lines.join('\n') + '\n', encoding: 'utf8' })
	if (run.error) throw run.error
	const answers = run.stdout.split('\n').filter((l) => l).map((l) => JSON.parse(l))
	if (answers.length !== requests.length)
		throw new Error(`${answers.length} answers to ${requests.length} questions: ${run.stderr}`)
	return answers.map((a) => a.undetermined ? 'undetermined' : a.decision ?? `error: ${a.error}`)
}
