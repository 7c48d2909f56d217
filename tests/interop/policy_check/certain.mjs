// certain.mjs SEED WORLDS REQUESTS - what is certain with a part of the context has to stay so with more of it
//
// Needs no peer. Half of a request's keys are left out, and the answer is "undetermined" or what it is with all of them,
// whatever those are; the rest is then absent. Prints what is not so, then the sums.
import * as ours from './ours.mjs'
import { generator, request, tight, world } from './random.mjs'

const [seed, worlds, requests] = process.argv.slice(2).map(Number)
const sums = { cases: 0, open: 0, certain: 0, broken: 0, refused: 0 }
const EIC = 'ec2-instance-connect:'
// what is taken for something else when it is not stated
const STAYS = ['aws:currenttime', 'aws:requestedregion', EIC + 'maxtunnelduration']

// Keys that follow from the request, or that it cannot have
function known(r, w) {
	const eic = r.action.startsWith(EIC), gone = ['aws:username']
	if (!r.principal.includes('assumed-role')) gone.push('aws:principalarn')
	if (w.endpoint) gone.push('aws:sourceip')
	if (eic) gone.push('aws:tagkeys')
	if (eic && !r.action.endsWith('SendSSHPublicKey')) gone.push('ec2:osuser')
	if (eic && !r.action.endsWith('OpenTunnel')) gone.push(EIC + 'remoteport', EIC + 'privateipaddress', EIC + 'maxtunnelduration')
	return Object.fromEntries(Object.entries(r.context).filter(([key]) => !gone.includes(key.toLowerCase())))
}

for (let i = 0; i < worlds; i++) {
	const g = generator(seed + i), w = i % 2 ? tight(g) : world(g)
	const all = Array.from({ length: requests }, () => request(g, w)).map((r) => ({ ...r, context: known(r, w) }))
	const some = all.map((r) => ({ ...r, context: Object.fromEntries(Object.entries(r.context).filter(([key]) => STAYS.includes(key.toLowerCase()) || g.chance(0.5))) }))
	const want = ours.decide(w, all, ['--assume-absent']), have = ours.decide(w, some, [])
	have.forEach((d, k) => {
		sums.cases++
		if (want[k].startsWith('error') || d.startsWith('error')) sums.refused++
		else if (d === 'undetermined') sums.open++
		else if (d === want[k] || (d !== 'allowed' && want[k] !== 'allowed')) sums.certain++
		else if (sums.broken++ < 5)
			console.log(`# seed ${seed + i}, request ${k}: ${d}, with all keys ${want[k]}\n# ${JSON.stringify(w)}\n# ${JSON.stringify(some[k])}\n# ${
				JSON.stringify(all[k].context)}`)
	})
}
for (const [name, n] of Object.entries(sums)) console.log(`${name} ${n}`)
