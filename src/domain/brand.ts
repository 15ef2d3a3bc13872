declare const brand: unique symbol;

/** A value of type T that only its own constructor makes, so that two values of one shape are not swapped. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
