export { joinValues, parseArguments, type ParsedArguments } from './arguments.js';
export { main, runProgram } from './main.js';
export { defineProgram, type Program, type ProgramContext, type ProgramList } from './program.js';
