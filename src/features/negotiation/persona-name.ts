import type { NegotiationRole } from '@/protocol/negotiation-run.ts';

export const PERSONA_NAMES: Readonly<Record<NegotiationRole, string>> = { agent1: 'Persona 1', agent2: 'Persona 2' };
