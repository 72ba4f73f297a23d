export { checkQuery, checkRefs, checkRows, checkStep } from '../core/check-step.js';
export { checkName, fromText, LONGEST_NAME, toText } from '../core/stored-name.js';
export { type Inbox, type InboxMessage, type InboxOptions, inbox } from '../delivery/inbox.js';
export { type DeliveryContractOptions, deliveryContract } from './delivery-contract.js';
export { type AnswerAbout, type FactorContractOptions, factorContract } from './factor-contract.js';
export { type ContractCase, type StoreContractOptions, storeContract } from './store-contract.js';
