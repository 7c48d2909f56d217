// differential.mjs SEED WORLDS REQUESTS - random cases, decided by both; prints what differs, then the sums
import * as oracle from './oracle.mjs'
import * as ours from './ours.mjs'
import { generator, request, world } from './random.mjs'

const [seed, worlds, requests] = process.argv.slice(2).map(Number)
const sums = { cases: 0, differences: 0, wronglyAllowed: 0, allowed: 0, implicitDeny: 0, explicitDeny: 0, osuser: 0, notPrincipal: 0,
	boundary: 0, session: 0, crossAccount: 0, resourcePolicy: 0, scps: 0 }

for (let i = 0; i < worlds; i++) {
	const g = generator(seed + i), w = world(g)
	const asked = Array.from({ length: requests }, () => request(g, w))
	const answers = ours.decide(w, asked)
	asked.forEach((r, k) => {
		const want = oracle.decide(w, r), have = answers[k]
		sums.cases++
		sums[want]++
		if (/ec2:osuser/i.test(JSON.stringify(w)) && r.action.endsWith(':SendSSHPublicKey')) sums.osuser++
		if (JSON.stringify(w).includes('NotPrincipal')) sums.notPrincipal++
		if (w.boundary) sums.boundary++
		if (r.principal.includes(':sts:')) sums.session++
		if (r.account !== r.principal.split(':')[4]) sums.crossAccount++
		if (w.resource) sums.resourcePolicy++
		if (w.scps) sums.scps++
		if (want === have) return
		sums.differences++
		if (have === 'allowed') sums.wronglyAllowed++
		if (sums.differences <= 5)
			console.log(`# seed ${seed + i}, request ${k}: ${have}, the peer says ${want}\n# ${JSON.stringify(w)}\n# ${JSON.stringify(r)}`)
	})
}
for (const [name, n] of Object.entries(sums)) console.log(`${name} ${n}`)
