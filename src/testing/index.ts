export { type DeliveryContractOptions, deliveryContract } from './delivery-contract.js';
export { type AnswerAbout, type FactorContractOptions, factorContract } from './factor-contract.js';
export { type ContractCase, type StoreContractOptions, storeContract } from './store-contract.js';
